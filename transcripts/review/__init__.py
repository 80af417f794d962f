"""Review (质检): which calls are listened to, how they are graded, and whether graders agree."""
