"""What an equality says where it stands: its chain, its letters, and what the text has said of them."""
