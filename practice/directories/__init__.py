"""The firm's own lists: directions, regions, courts, kinds of recoveries and of events, tags. Edited without code."""
