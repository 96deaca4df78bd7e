"""From a tree to a program for an array library."""
