FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/transmission
ENV PATH=/opt/transmission/bin:$PATH
COPY requirements.lock ./
RUN pip install --require-hashes --only-binary :all: --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY transmission transmission
COPY workers workers
COPY docker/unneeded.py docker/unneeded.py
# There is one lock, so that what runs is what was tested; the builder of our own package is in it
# too. What the service does not need to run (half of the size, a browser's driver among it) then
# goes, and pip last.
RUN pip install --no-deps --no-build-isolation --no-index . \
 && python docker/unneeded.py > /tmp/unneeded \
 && pip uninstall --yes --quiet --requirement /tmp/unneeded \
 && pip uninstall --yes --quiet pip

FROM python:3.11-slim-bookworm
ENV PATH=/opt/transmission/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# The account has a name: the journal says who acted. A new volume takes the owner of its folder.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin transmission \
 && install --directory --owner 10001 --group 10001 --mode 0700 \
    /var/lib/transmission/documents /var/lib/transmission/anchors /var/lib/mock-tdt
COPY --from=build /opt/transmission /opt/transmission
COPY docker/healthy.py /opt/healthy.py
USER 10001:10001
WORKDIR /tmp
CMD ["transmission", "--help"]
