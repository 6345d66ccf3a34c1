"""Work in front of people: the inbox, drafts, who may see what, and how a matter got where it is."""
