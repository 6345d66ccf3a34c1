"""Chinese walls: who is kept away from a matter, a client or an enquiry, whatever else they may see."""
