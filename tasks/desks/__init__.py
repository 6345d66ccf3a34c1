"""What a desk tells at a glance: numbers and short lists, each within the reader's rights."""
