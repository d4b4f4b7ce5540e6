# One image for web server and worker; compose.yaml starts both with PostgreSQL and Redis.
FROM node:22-bookworm-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PETREVIEW_HOME=/data
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY manage.py LICENSE ./
COPY petreview petreview
COPY annotations annotations
COPY inference inference
COPY --from=frontend /app/frontend/dist frontend/dist
RUN useradd --create-home petreview && mkdir /data && chown petreview /data
USER petreview
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "petreview.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-access-log"]
