"""What ``transmission doctor`` looks at, one kind of thing to a file."""
