"""Data: data sets of labelled clips, a cache of decoded clips, actor masks, and Toybox."""
