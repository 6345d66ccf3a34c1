"""How to reach parties: encrypted where they are kept, masked wherever they are shown."""
