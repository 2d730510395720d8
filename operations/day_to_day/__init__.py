"""What a person asks of a running stack from day to day: thin over AWS, of the services and groups that it declares."""
