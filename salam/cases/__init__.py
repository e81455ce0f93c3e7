"""What waits for whom until when: processes declared as data, and their cases."""
