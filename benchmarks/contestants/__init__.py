"""The contestants that run in the product's own environment, one module each."""
