package io.simclrbeam.runners.flink;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.JobListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of this process on a cluster. Beam returns nothing to cancel a job with before the job
 * has ended, so this listens to Flink, which creates it by its name.
 */
public final class SubmittedJobs implements JobListener {
  private static final Logger LOG = LoggerFactory.getLogger(SubmittedJobs.class);
  private static final long PATIENCE_SECONDS = 20;
  private static final Map<JobID, JobClient> RUNNING = new ConcurrentHashMap<>();

  /**
   * Cancels the jobs that have not ended. Returns when the cluster has taken note.
   *
   * @return whether there were any
   */
  static boolean cancelAll() {
    boolean any = !RUNNING.isEmpty();
    RUNNING.forEach(
        (id, job) -> {
          try {
            job.cancel().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Job {} could not be canceled and may go on: {}", id, e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return any;
  }

  @Override
  public void onJobSubmitted(@Nullable JobClient job, @Nullable Throwable failure) {
    if (job != null) {
      RUNNING.put(job.getJobID(), job);
      LOG.info("Flink runs it as job {}.", job.getJobID());
    }
  }

  @Override
  public void onJobExecuted(@Nullable JobExecutionResult result, @Nullable Throwable failure) {
    // The last call for a job; of one that failed the id is unknown. There is one at a time.
    RUNNING.clear();
  }
}
