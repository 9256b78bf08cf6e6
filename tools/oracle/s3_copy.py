"""Copies the files of a folder to a bucket or back with boto3: s3_copy.py up|down FOLDER BUCKET PREFIX

The server and the credentials are in the variables of AWS.
"""

import os
import sys

import boto3

direction, folder, name, prefix = sys.argv[1:]
bucket = boto3.resource("s3").Bucket(name)

if direction == "up":
    for file in os.listdir(folder):
        bucket.upload_file(os.path.join(folder, file), f"{prefix}/{file}")
else:
    for object in bucket.objects.filter(Prefix=f"{prefix}/"):
        bucket.download_file(object.key, os.path.join(folder, object.key[len(prefix) + 1:]))
