"""`accordion environments`: an environment for each pull request, which ends."""
