"""What letters are where nothing says so: kinds and sizes by constraints over a whole question, the cheapest first."""
