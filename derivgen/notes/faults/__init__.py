"""What is wrong and how it may be mended: style, forms, patterns that break off, slips, small edits."""
