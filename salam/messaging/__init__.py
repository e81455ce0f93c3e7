"""Reaching people: texts belong to the room that speaks, delivery to this one."""
