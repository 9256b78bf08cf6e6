"""Runs the benchmarks' requests with the transfer manager of boto3."""

from serving import serve

import os

import boto3

from measure import measure


def client(url, accessKeyId, secretAccessKey):
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=accessKeyId,
        aws_secret_access_key=secretAccessKey,
    )


def make_file(path, count, bytes):
    block = os.urandom(1 << 16)
    with open(path, "wb") as file:
        for _ in range(count * bytes // len(block)):
            file.write(block)


def upload(path, url, bucket, accessKeyId, secretAccessKey):
    s3 = client(url, accessKeyId, secretAccessKey)
    return measure(lambda: s3.upload_file(path, bucket, "boto3"))


def download(path, url, bucket, accessKeyId, secretAccessKey):
    s3 = client(url, accessKeyId, secretAccessKey)
    return measure(lambda: s3.download_file(bucket, "boto3", path))


serve({"make_file": make_file, "upload": upload, "download": download})
