"""Steps of one process that the same person may not do: four eyes, drawn in the model."""
