"""What is declared, tried: operations beside a library that knows nothing of derivgen, rules on their examples before the judge."""
