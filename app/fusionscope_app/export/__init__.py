"""Export: what the Share menu offers: link, report, video, arrays, Python code."""
