"""Who answers: lawyers, stations, skills, presence, rota, and their pages."""
