"""Writes the HDF5 files in fixtures/keras/hostile. Run it by hand: python hostile_h5.py FOLDER."""

import os
import sys

import h5py
import numpy as np

folder = sys.argv[1]


def create(name):
    return h5py.File(os.path.join(folder, name + ".h5"), "w")


with create("announced") as file:  # 4 TiB, of which none is stored
    file.create_dataset("a", (1 << 40,), "<f4")
with create("large-chunk") as file:  # a part of 1 GiB, which is unpacked at once
    file.create_dataset("a", (1 << 28,), "<f4", chunks=(1 << 28,), compression="gzip")
with create("other-file") as file:  # the bytes of a dataset are in another file
    file.create_dataset("a", (4,), "u1", external=[("/etc/hostname", 0, 4)])
with create("links") as file:  # links to other files, and groups that contain themselves
    file["external"] = h5py.ExternalLink("/tmp/other.h5", "/a")
    file["soft"] = h5py.SoftLink("/missing")
    group = file.create_group("g")
    for i in range(3):
        group[f"again{i}"] = file["/"]
    file.create_dataset("a", data=np.arange(4, dtype="<i4"))
