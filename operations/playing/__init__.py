"""`accordion local load`: a load played into the local cloud, whose alarms and policies act on it.

What scales is read from the cloud (`scaled.py`), the simulator decides what happens (`happening.py`), CloudWatch's
metrics and the histories of alarms and scaling follow from it (`metrics.py`, `history.py`).
"""
