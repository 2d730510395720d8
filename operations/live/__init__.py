"""What runs, as a cloud tells it: the calls, who answers them (AWS, a file), and what could not be answered.

The only room with an AWS client.
"""
