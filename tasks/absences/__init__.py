"""Who is away, who stands in for them, and what comes back when they return."""
