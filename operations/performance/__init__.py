"""`accordion performance`: does what runs keep its promises? From what CloudWatch and the scaling service recorded."""
