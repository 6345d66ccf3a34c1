"""Finding a part of a text among hundreds of thousands of rows without reading them all."""
