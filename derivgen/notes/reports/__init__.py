"""What is told of a file: entries as plain data, for people, programs and services."""
