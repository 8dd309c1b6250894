# The image of the process that holds a pod's namespaces open.
FROM scratch
COPY kubernetes/pause /pause
ENTRYPOINT ["/pause"]
