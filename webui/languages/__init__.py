"""What a person reads in which language, and how dates and numbers are written for them."""
