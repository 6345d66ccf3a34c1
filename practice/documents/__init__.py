"""The papers of a matter: documents, their versions, and the files that hold what is in them."""
