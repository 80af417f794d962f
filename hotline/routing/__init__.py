"""Who gets which caller: the decision, the policy, and the controller that carries it out."""
