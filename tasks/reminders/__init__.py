"""What asks again until somebody has taken a piece of work, or done it; and who hears when it takes too long."""
