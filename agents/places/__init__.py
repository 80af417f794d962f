"""The tree of places: district centre, township stations, village rooms, and who works there."""

from agents.places.reading import directory, organisation_tree, stations

__all__ = ["directory", "organisation_tree", "stations"]
