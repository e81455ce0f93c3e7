"""The command line: salam …"""
