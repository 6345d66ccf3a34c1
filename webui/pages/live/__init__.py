"""What the pages' scripts ask between two pages: who is looking, who is signed in, what works without a connection."""
