"""`accordion monitor`: is what runs what was declared?"""
