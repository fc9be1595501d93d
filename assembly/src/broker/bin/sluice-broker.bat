@echo off
rem Runs the broker: sluice-broker [start|health|buffer ...|access ...] [--config FILE]; see --help.
rem JAVA_HOME names the Java to use; SLUICE_OPTS and JAVA_OPTS are given to it, such as SLUICE_OPTS=-Xmx1g.
setlocal
for %%I in ("%~dp0..") do set "SLUICE_HOME=%%~fI"
set "SLUICE_JAVA=java"
if not "%JAVA_HOME%"=="" set "SLUICE_JAVA=%JAVA_HOME%\bin\java"
"%SLUICE_JAVA%" -XX:+ExitOnOutOfMemoryError %JAVA_OPTS% %SLUICE_OPTS% "-Dsluice.home=%SLUICE_HOME%" -cp "%SLUICE_HOME%\config;%SLUICE_HOME%\lib\*" io.sluice.broker.server.BrokerServer %*
exit /b %ERRORLEVEL%
