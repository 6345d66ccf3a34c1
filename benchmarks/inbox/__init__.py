"""The open and finished work of the generated firm, large enough to show what is slow in an inbox."""
