"""What people decide from the pages: one form for each action, over the services."""
