# Octavox without a window: docker build -t octavox . && docker run --rm -v "$PWD:/data" octavox encode cloud.ply
FROM python:3.13-slim
COPY . /source
RUN pip install --no-cache-dir -c /source/constraints.txt /source && rm -rf /source
RUN useradd --create-home octavox
USER octavox
# Compiled code is kept in the user's home, so that a container starts at once on a processor like the builder's.
RUN python -c "import octavox; octavox.prepare()"
WORKDIR /data
ENTRYPOINT ["octavox"]
