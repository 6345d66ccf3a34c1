"""The clients' files: what they are about, who is in them and who works on them."""
