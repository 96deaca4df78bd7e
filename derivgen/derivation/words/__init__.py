"""What is said of the steps: which are folded, how intermediates are named, the reason for this line."""
