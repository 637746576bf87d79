"""Training of the reader: data, augmentation, the loop, and export to the folder the product loads."""
