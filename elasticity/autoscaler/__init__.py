"""The autoscaler: from datapoints and counts of units to bounds and desired, as AWS does it; it knows no plant."""
