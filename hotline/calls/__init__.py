"""What is going on: the state of each call, built from AMI events, and its journal."""
