"""How the firm is built: branches, departments, and who works where as what."""
