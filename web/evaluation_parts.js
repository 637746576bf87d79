// Small parts that the Evaluation tab is made of.
