"""Core: everything that can be said of a two-stream network without a screen.

Axes are named by letters, in this order, and a shape is part of a name:

    N frames    T chunks    L flow fields in a stack    B batch    C channels    K classes
    H W pixels  h w cells of a feature map

T stands before C, except inside a 3-D convolution. Flow field n leads from frame n to frame n + 1,
x before y, in pixels of the frame it was computed on.

A file here imports only what lies before it: records, video, nets, trace, explain, study.
"""

import os

# Threads that wait for work must not spin: visitors of one server share its cores. Measured on two
# cores kept busy by others: a pass of vgg-m-mini took 0.54 s spinning and 0.04 s not.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
