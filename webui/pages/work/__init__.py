"""What stands beside the form of a user task: people, what was said and asked, papers, drafts."""
