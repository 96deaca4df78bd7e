"""A page in the browser on which one types a question and sees how it is read, its answer and the steps."""
